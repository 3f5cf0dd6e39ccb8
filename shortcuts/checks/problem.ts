/** Defines the problems of a shortcut. */
export interface Problem {
  readonly kind:
    | 'wrong_file'
    | 'unknown_action'
    | 'unknown_trigger'
    | 'unknown_parameter'
    | 'missing_parameter'
    | 'wrong_value'
    | 'dangling_variable'
    | 'unclosed_block'
    | 'crossed_block'
    | 'question_points_nowhere';
  /** Index of the action. */
  readonly action?: number;
  readonly detail: string;
}
