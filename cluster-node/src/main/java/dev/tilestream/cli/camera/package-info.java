/** {@code tilestream infer --camera}: frames at a rate, and what became of them. */
package dev.tilestream.cli.camera;
