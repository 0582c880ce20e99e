package dev.tilestream.api;

import akka.event.LoggingAdapter;
import akka.http.ParsingErrorHandler;
import akka.http.javadsl.model.HttpResponse;
import akka.http.scaladsl.model.ErrorInfo;
import akka.http.scaladsl.model.StatusCode;
import akka.http.scaladsl.settings.ServerSettings;
import java.util.Optional;

/** Answers what is not even HTTP in the same form as every other error. Made by Akka HTTP, by its name in the settings. */
public final class MalformedRequests extends ParsingErrorHandler {
  static final String SETTING = "akka.http.server.parsing.error-handler";

  @Override
  public HttpResponse handle(StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    log.debug("Malformed request: {}", error.formatPretty());
    return Responses.error(status.intValue(), error.summary(), Optional.empty());
  }
}
