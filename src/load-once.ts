/**
 * Makes a way to a module that is loaded when it is first needed. From then on it is there at once, without a
 * turn of the event loop: what it does with time stays exact.
 */
export function loadOnce<Module>(load: () => Promise<Module>): () => Module | Promise<Module> {
  let loaded: Module | undefined;
  return () =>
    loaded ??
    load().then((module) => {
      loaded = module;
      return module;
    });
}
