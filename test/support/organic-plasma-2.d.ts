/** organic-plasma 2.1, the oldest plasma that the sessions organelle works with. */
declare module 'organic-plasma-2' {
  const Plasma: new () => Organic.Plasma
  export = Plasma
}
