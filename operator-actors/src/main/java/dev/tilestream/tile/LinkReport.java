package dev.tilestream.tile;

/**
 * What a link has done and how it does.
 *
 * @param peer name of the device at its other end
 * @param open whether the peer takes parcels
 * @param silent whether the peer has answered nothing for a while, though it was asked repeatedly
 * @param bytesPerSecond goodput as measured from traffic; 0 before there was any
 * @param rateDeviation how far off that has been lately, as a share of it
 * @param roundTripSeconds of a small message when nothing is in the way; 0 before there was any
 * @param delayDeviationSeconds how much longer such messages lately took one way
 * @param queueSeconds what chunks lately waited for on their way, most likely for those before them at the bottleneck
 * @param sentBytes tensor bytes sent since the link exists, as they travelled
 * @param sentParcels chunks sent since the link exists
 * @param lostParcels of these, how many were under way when the link broke
 * @param queuedBytes wait here
 * @param inFlightBytes sent and not acknowledged
 */
public record LinkReport(
    String peer,
    boolean open,
    boolean silent,
    double bytesPerSecond,
    double rateDeviation,
    double roundTripSeconds,
    double delayDeviationSeconds,
    double queueSeconds,
    long sentBytes,
    long sentParcels,
    long lostParcels,
    long queuedBytes,
    long inFlightBytes) {}
