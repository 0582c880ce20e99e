/**
 * Who may talk to a member and be talked to: certificates and keys from PEM files, read anew when they change, and the TLS that they make
 * for the cluster's own port and for HTTP. Nothing in here knows what is said over it.
 */
package dev.tilestream.security;
