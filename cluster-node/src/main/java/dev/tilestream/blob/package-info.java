/** Model files between members, by content hash: pulled in pieces, verified, resumed where a transfer broke off. */
package dev.tilestream.blob;
