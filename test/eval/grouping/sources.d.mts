/** The files of the code that a hostile text meets on its way to a hash. */
export declare function fingerprintSources(): URL[];
