/**
 * Removes the styles of Mantine's components that the page does not use. The classes of Mantine are `m_` and a hash, and
 * occur in the code of their components, so a class that occurs in no program is unused.
 */
import { transform } from 'lightningcss';
import type { Plugin } from 'vite';

const CLASS = /\bm_[0-9a-f]{6,8}\b/g;
const COMPONENT_CLASS = /^m_[0-9a-f]{6,8}$/;

export function pruneMantine(): Plugin {
  return {
    name: 'prune-mantine',
    apply: 'build',
    generateBundle(_options, bundle) {
      const used = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') for (const [name] of output.code.matchAll(CLASS)) used.add(name);
      }
      for (const output of Object.values(bundle)) {
        if (output.type !== 'asset' || !output.fileName.endsWith('.css')) continue;
        const { code } = transform({
          filename: output.fileName,
          code: Buffer.from(output.source),
          minify: true,
          visitor: {
            Rule: {
              style({ value }) {
                const isUsed = value.selectors.some((selector) =>
                  selector.every((part) => part.type !== 'class' || isUsedClass(part.name, used)),
                );
                return isUsed ? undefined : [];
              },
            },
          },
        });
        output.source = code;
      }
    },
  };
}

function isUsedClass(name: string, used: ReadonlySet<string>): boolean {
  return !COMPONENT_CLASS.test(name) || used.has(name);
}
