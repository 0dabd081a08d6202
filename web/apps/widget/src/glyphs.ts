/* Icons of the later parts. */

const PATHS = {
  image: 'M3.5 2.8h9a1 1 0 0 1 1 1v8.4a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V3.8a1 1 0 0 1 1-1zM2.7 11.2l3.200-3.200 2.6 2.6 1.7-1.7 3 3M10.4 6.100h.01',
  smile: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM5.4 9.400c.6 1 1.500 1.500 2.6 1.500s2-.5 2.6-1.500M6 6.300v.3M10 6.300v.3',
  file: 'M4.500 2h4.700l2.800 2.800V13a1 1 0 0 1-1 1h-6.500a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM9 2.200V5h2.800M6 8h4M6 10.500h4',
  place: 'M8 14s4.300-3.900 4.300-7.300a4.300 4.300 0 1 0-8.600 0C3.700 10.100 8 14 8 14zM8 8.200a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z',
  close: 'm4.500 4.500 7 7M11.500 4.500l-7 7',
  star: 'm8 2.200 1.800 3.700 4 .6-2.900 2.800.7 4L8 11.400l-3.600 1.900.7-4-2.900-2.800 4-.6z',
}

export function glyph(name: keyof typeof PATHS): SVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  const path = document.createElementNS(space, 'path')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
