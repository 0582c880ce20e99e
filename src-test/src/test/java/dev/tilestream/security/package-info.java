/** Certificates as the script makes them, good ones and all kinds of others, and what members make of them. */
package dev.tilestream.security;
