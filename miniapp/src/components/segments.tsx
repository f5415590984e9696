import type { JSX } from "preact";

interface SegmentsProps<Value extends string> {
  legend: JSX.Element;
  name: string;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChoose: (value: Value) => void;
}

/** A few choices side by side, of which one holds. */
export function Segments<Value extends string>({ legend, name, options, value, onChoose }: SegmentsProps<Value>): JSX.Element {
  return (
    <fieldset class="segments">
      <legend>{legend}</legend>
      <div class="segments-track">
        {options.map((option) => (
          <label key={option.value} class="segment">
            <input
              type="radio"
              class="visually-hidden"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
