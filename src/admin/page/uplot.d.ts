// The types of what the browser loads as ./uplot.js (assets.ts serves it from the package).

export { default } from 'uplot'
