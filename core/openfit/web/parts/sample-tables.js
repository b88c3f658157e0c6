// The charts once more, for those who read tables: a summary, and values along the way.

import { MISSING, number } from "../format.js";
import { html } from "../html.js";
import { summary, valueAt } from "../series.js";
import { part, text } from "../text.js";
import { placeOf } from "./course-charts.js";
import { Table } from "./table.js";

const ROWS = 25;
const { charts: t } = await part("activity");

function summaryRow(chart, samples) {
  const { average, low, high } = summary(samples);
  const figures = [average, low, high].map((value) =>
    value === null ? MISSING : `${chart.write(value)} ${chart.unit}`,
  );
  return [chart.name, ...figures, number(samples.n), chart.method];
}

function valueRow(course, at) {
  const values = course.charts.map((chart) => {
    const value = valueAt(course.samples.value.get(chart.metric) ?? { t: [] }, at);
    return value === null ? MISSING : chart.write(value);
  });
  return [placeOf(course, at).join(" · "), ...values];
}

export function SampleTables({ course }) {
  const present = course.charts.filter(({ metric }) => course.samples.value.get(metric)?.t.length);
  const [low, high] = course.extent.value;
  const places = [...Array(ROWS).keys()].map((n) => low + ((high - low) * n) / (ROWS - 1));
  const thinned = present.some(
    ({ metric }) => course.samples.value.get(metric).resolution === "thinned",
  );
  const units = course.charts.map(({ name, unit }) => (unit ? `${name}, ${unit}` : name));
  return html`
    <details class="samples">
      <summary>${t.summary}</summary>
      <${Table}
        label=${t.summary}
        head=${t.summaryHead}
        numeric=${[1, 2, 3, 4]}
        rows=${present.map((chart) => summaryRow(chart, course.samples.value.get(chart.metric)))}
      />
      ${thinned && html`<p class="hint">${t.noAverage}</p>`}
      <${Table}
        label=${t.valuesAt}
        head=${[t.valuesAt, ...units]}
        numeric=${course.charts.map((chart, n) => n + 1)}
        rows=${places.map((at) => valueRow(course, at))}
      />
    </details>
  `;
}
