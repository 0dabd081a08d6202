/* On a phone the keyboard covers the page instead of shrinking it. The full window follows what is really visible. */

export function fitAboveKeyboard(panel: HTMLElement): void {
  const view = visualViewport
  if (!view) return
  const fit = () => {
    const covered = innerHeight - view.height > 80 && view.scale === 1
    panel.classList.toggle('kb', covered)
    panel.style.setProperty('--vh', `${view.height}px`)
    panel.style.setProperty('--vt', `${view.offsetTop}px`)
  }
  view.addEventListener('resize', fit)
  view.addEventListener('scroll', fit)
}
