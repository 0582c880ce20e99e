/**
 * A client of a node's HTTP endpoint: the Open Inference Protocol v2 with its binary tensors and its model repository, and streams of camera
 * frames. The commands use it, and programs may: it needs the JDK, Jackson and the names of data types, and shows nothing else.
 *
 * <pre>{@code
 * NodeClient node = new NodeClient(URI.create("http://robot-1:8000"));
 * JsonNode answer = node.inferPicture("detector", Files.readAllBytes(Path.of("dock.jpg")), "image/jpeg", Wanted.by(Optional.empty()));
 *
 * try (FrameConnection stream = node.stream("detector", Wanted.by(Optional.empty()), OptionalInt.empty(), a -> use(a.message()))) {
 *   while (camera.hasNext()) stream.send(camera.next());
 *   System.out.println(stream.end(Duration.ofSeconds(10)));
 * }
 * }</pre>
 */
package dev.tilestream.client;
