/** Which members make one cluster: joining it, giving up those that cannot be reached, and coming together again after a partition. */
package dev.tilestream.membership;
