/** Models on disk: what a repository directory holds, how a model wants its input, and the models that came from peers. */
package dev.tilestream.repository;
