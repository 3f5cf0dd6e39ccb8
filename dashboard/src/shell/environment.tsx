/** Provides the environment of the page, live or sandbox, and requests within it. */
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { type Environment, type RequestOptions, request } from '../api/request.ts';

const EnvironmentContext = createContext<Environment>('live');

export function EnvironmentProvider({ value, children }: { value: Environment; children: ReactNode }) {
  return <EnvironmentContext value={value}>{children}</EnvironmentContext>;
}

export function useEnvironment(): Environment {
  return useContext(EnvironmentContext);
}

type TenantRequest = <T>(
  method: Parameters<typeof request>[0],
  path: string,
  options?: RequestOptions,
) => Promise<T>;

/** Returns a function that sends requests of this environment: `send('GET', '/conversations')`. */
export function useTenantRequest(): TenantRequest {
  const environment = useEnvironment();
  return useMemo(
    () => (method, path, options) => request(method, `/${environment}${path}`, options),
    [environment],
  );
}
