/**
 * What devices know of their own speed and load, and of each other's: measured or read from disk, corrected by what tiles take, shared
 * through Distributed Data.
 */
package dev.tilestream.profiles;
