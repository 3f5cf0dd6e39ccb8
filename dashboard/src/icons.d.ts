declare module 'icon:*' {
  import type { SVGProps } from 'react';

  /** `size` in pixels: 16 or 20. */
  const Icon: (props: SVGProps<SVGSVGElement> & { size?: number }) => React.JSX.Element;
  export default Icon;
}
