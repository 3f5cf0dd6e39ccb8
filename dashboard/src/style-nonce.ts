/** Reads the nonce that the Content-Security-Policy allows for style elements, and sets it for the libraries that add some. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// Read by get-nonce, which react-remove-scroll uses for its style element.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
