/** How many people one question may be about where a person reads it at once: a yes must not cover who was not shown. */
export const mostAskedAtOnce = 100;
