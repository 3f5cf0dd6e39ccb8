/** The languages that every operation is shown in, in the order in which they are shown. */
import { curlSample } from './curl.ts';
import { elixirSample } from './elixir.ts';
import { javascriptSample } from './javascript.ts';
import { phpSample } from './php.ts';
import { pythonSample } from './python.ts';
import type { SampleRequest } from './sample-request.ts';

export interface SampleLanguage {
  name: string;
  /** As code blocks name it. */
  block: string;
  write(request: SampleRequest): string;
}

export const LANGUAGES: readonly SampleLanguage[] = [
  { name: 'curl', block: 'sh', write: curlSample },
  { name: 'JavaScript', block: 'js', write: javascriptSample },
  { name: 'Python', block: 'python', write: pythonSample },
  { name: 'Elixir', block: 'elixir', write: elixirSample },
  { name: 'PHP', block: 'php', write: phpSample },
];
