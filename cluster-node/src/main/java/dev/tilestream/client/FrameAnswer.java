package dev.tilestream.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a node said of a frame.
 *
 * @param frame its number, from 0 in the order of sending
 * @param ageMillis from its being sent to its answer's being here
 * @param dropped frames that the node has told of in this message: newer ones came before their turn
 * @param error why there is no answer; empty: there is one
 * @param message all that it said: {@code outputs}, {@code parameters} and so on, as {@code docs/HTTP.md} has it
 */
public record FrameAnswer(long frame, double ageMillis, long dropped, Optional<String> error, JsonNode message) {}
