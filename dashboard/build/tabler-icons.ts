/**
 * Turns imports such as `icon:send` into React components. Each import adds one icon to the page; the package
 * @tabler/icons-react has the same icons in 93 MB of files.
 */
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

interface IconSet {
  icons: Record<string, { body: string }>;
  aliases?: Record<string, { parent: string }>;
}

const PREFIX = 'icon:';
const RESOLVED = '\0icon:';

export function tablerIcons(): Plugin {
  let set: IconSet | undefined;
  return {
    name: 'tabler-icons',
    resolveId: (id) => (id.startsWith(PREFIX) ? RESOLVED + id.slice(PREFIX.length) : undefined),
    load(id) {
      if (!id.startsWith(RESOLVED)) return undefined;
      set ??= createRequire(import.meta.url)('@iconify-json/tabler/icons.json') as IconSet;
      const name = id.slice(RESOLVED.length);
      const icon = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent ?? ''];
      if (icon === undefined) throw new Error(`Tabler has no icon "${name}".`);
      return `import { createElement } from 'react';
const body = { __html: ${JSON.stringify(icon.body)} };
export default ({ size = 20, ...rest }) => createElement('svg', {
  width: size, height: size, viewBox: '0 0 24 24', 'aria-hidden': true, focusable: false, ...rest, dangerouslySetInnerHTML: body,
});`;
    },
  };
}
