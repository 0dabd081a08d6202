declare module 'virtual:style' {
  /** style.css with the tokens it uses, as one text. */
  const css: string
  export default css
}

declare module 'virtual:style-dark' {
  /** What style.css is at night. */
  const css: string
  export default css
}

declare module 'virtual:style-later' {
  /** later.css with the tokens that only it uses, by day and at night. */
  const css: string
  export default css
}
