import fc from 'fast-check';

// In CI the property tests draw the same values every time, so that a red run speaks of the change. Elsewhere they
// draw new ones; what they find is printed with its seed, and belongs into a test of its own.
if (process.env.CI) fc.configureGlobal({ seed: 20_261_123 });
