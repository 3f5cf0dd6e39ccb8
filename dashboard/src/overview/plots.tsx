/** Plots the results and the time to delivery over time, each with a table of the same values. */
import '@mantine/charts/styles.css';
import { LineChart } from '@mantine/charts';
import type { Overview } from '../api/types.ts';
import { formatDuration } from '../ui/format-duration.ts';
import styles from './overview.module.css';
import { formatPeriod, formatTick } from './periods.ts';

type Period = Overview['periods'][number];

interface Series {
  name: Exclude<keyof Period, 'at'>;
  label: string;
  color: string;
  /** Lines differ in more than their colour. */
  isDashed?: boolean;
}

const RESULTS: readonly Series[] = [
  { name: 'sent', label: 'Sent', color: 'var(--blue)' },
  { name: 'delivered', label: 'Delivered', color: 'var(--green)' },
  { name: 'failed', label: 'Failed', color: 'var(--red)', isDashed: true },
];
const LATENCY: readonly Series[] = [
  { name: 'p50Ms', label: 'Half are faster (p50)', color: 'var(--blue)' },
  { name: 'p99Ms', label: '99 % are faster (p99)', color: 'var(--amber)', isDashed: true },
];

const EACH: Record<Overview['range'], string> = {
  '24h': 'Messages each hour.',
  '7d': 'Messages each six hours.',
  '30d': 'Messages each 24 hours.',
};

export default function Plots({ overview }: { overview: Overview }) {
  return (
    <div className={styles.plots}>
      <Plot
        title="Sent, delivered and failed"
        about={EACH[overview.range]}
        overview={overview}
        series={RESULTS}
        format={(value) => value.toLocaleString()}
      />
      <Plot
        title="Time to delivery"
        about={`From acceptance, or the scheduled time. Estimated within ${overview.precisionPercent} %.`}
        overview={overview}
        series={LATENCY}
        format={formatDuration}
      />
    </div>
  );
}

function Plot({
  title,
  about,
  overview: { range, periods, periodMs },
  series,
  format,
}: {
  title: string;
  about: string;
  overview: Overview;
  series: readonly Series[];
  format(value: number): string;
}) {
  const isEmpty = periods.every((period) => series.every(({ name }) => !period[name]));
  return (
    <figure className={styles.plot}>
      <figcaption>
        <h2>{title}</h2>
        <p>{about}</p>
        <ul className={styles.legend} aria-hidden="true">
          {series.map(({ name, label, color, isDashed }) => (
            <li key={name}>
              <span style={{ borderTop: `2px ${isDashed ? 'dashed' : 'solid'} ${color}` }} />
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      {isEmpty ? (
        <div className={styles.noValues}>Nothing in this period.</div>
      ) : (
        <>
          {/* The table has the same values. */}
          <div aria-hidden="true">
            <LineChart
              h={220}
              data={periods}
              dataKey="at"
              series={series.map(({ isDashed, ...one }) => ({
                ...one,
                strokeDasharray: isDashed ? '5 4' : undefined,
              }))}
              curveType="linear"
              connectNulls={false}
              strokeWidth={1.75}
              dotProps={{ r: 2, strokeDasharray: 'none' }}
              activeDotProps={{ r: 4 }}
              gridColor="var(--line)"
              textColor="var(--gray)"
              valueFormatter={format}
              accessibilityLayer={false}
              lineChartProps={{ margin: { right: 6 } }}
              xAxisProps={{ tickFormatter: (at: number) => formatTick(at, range), minTickGap: 32 }}
              yAxisProps={{ width: 64, allowDecimals: false }}
              tooltipProps={{
                labelFormatter: (at) => (typeof at === 'number' ? formatPeriod(at, range, periodMs) : ''),
              }}
            />
          </div>
          <details className={styles.values}>
            <summary>Show as a table</summary>
            <div className={styles.valuesTable}>
              <table>
                <caption className="visually-hidden">{title}</caption>
                <thead>
                  <tr>
                    <th scope="col">Period</th>
                    {series.map(({ name, label }) => (
                      <th key={name} scope="col">
                        {label}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {periods.map((period) => (
                    <tr key={period.at}>
                      <th scope="row">{formatPeriod(period.at, range, periodMs)}</th>
                      {series.map(({ name }) => (
                        <td key={name}>{period[name] === null ? '—' : format(period[name])}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </figure>
  );
}
