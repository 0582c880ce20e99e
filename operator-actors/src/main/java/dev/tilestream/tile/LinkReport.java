package dev.tilestream.tile;

/**
 * What a link has done and how it does.
 *
 * @param peer name of the device at its other end
 * @param open whether the peer takes parcels
 * @param silent whether the peer has answered nothing for a while, though it was asked repeatedly
 * @param bytesPerSecond goodput as measured from traffic; 0 before there was any
 * @param roundTripSeconds of a small message, the shortest of the last few; 0 before there was any
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
    double roundTripSeconds,
    long sentBytes,
    long sentParcels,
    long lostParcels,
    long queuedBytes,
    long inFlightBytes) {}
