/** The demonstration: a network and a picture of the project's own, every strategy side by side, each compared with ONNX Runtime. */
package dev.tilestream.cli.demo;
