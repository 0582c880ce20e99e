/** Inferences from request to answer: the seam to the faces, the scheduler actor and what it keeps of models, peers and links. */
package dev.tilestream.scheduler;
