/** Returns the base URL of the APIs: the address at which this browser reaches the broker. */
import { BASE } from '../api/request.ts';

export const apiUrl = () => location.origin + BASE;
