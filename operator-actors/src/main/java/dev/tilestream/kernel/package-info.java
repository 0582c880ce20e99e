/** What computes a band: ND4J (oneDNN) for the common local operators, ONNX Runtime for everything; the faster one is measured. */
package dev.tilestream.kernel;
