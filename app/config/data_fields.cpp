// Where the rows come from, which columns mean what, and how the rows are divided.
#include "app/config/field_rows.hpp"
#include "app/config/names.hpp"

namespace descent {

std::vector<Field> data_source_fields() {
  constexpr auto part = &Config::data;
  return {
      {{.key = "path",
        .help = "CSV file (plain or .gz; \"-\" is standard input) with one example per row. In a config file, paths "
                "are relative to the file's own folder; with --set, to the current one.",
        .text = Text::data_path,
        .unset = "required, unless generator is given",
        .example = "\"data.csv\"",
        .aliases = {"train_path"}},
       at<part, &DataConfig::path>},
      {{.key = "validation_path",
        .help = "File with the validation rows, instead of validation_split.",
        .text = Text::data_path,
        .unset = "none",
        .example = "\"validation.csv\"",
        .aliases = {"val_path"}},
       at<part, &DataConfig::validation_path>},
      {{.key = "test_path",
        .help = "File with the test rows, instead of test_split.",
        .text = Text::data_path,
        .unset = "none",
        .example = "\"test.csv\""},
       at<part, &DataConfig::test_path>},
      {{.key = "generator",
        .help = "Makes a small data set instead of reading a file.",
        .text = Text::choice,
        .choices = generator_choices,
        .unset = "none",
        .example = "\"moons\""},
       at<part, &DataConfig::generator>},
      {{.key = "rows",
        .help = "How many rows the generator makes.",
        .bounds = kRows,
        .unit = "rows",
        .unset = "the generator's own",
        .example = "500",
        .aliases = {"n_samples"}},
       at<part, &DataConfig::rows>},
      {{.key = "noise",
        .help = "Standard deviation of the noise that the generator adds.",
        .bounds = kNotNegative,
        .unset = "the generator's own",
        .example = "0.1"},
       at<part, &DataConfig::noise>},
      {{.key = "delimiter",
        .help = "The character between columns, or \"auto\" to find it among comma, semicolon, tab and |.",
        .text = Text::delimiter,
        .value_aliases = delimiter_aliases(),
        .aliases = {"sep", "separator"}},
       at<part, &DataConfig::delimiter>},
      {{.key = "header",
        .help = "Whether the first line names the columns. Without names they are column_1, column_2, …",
        .text = Text::choice,
        .choices = header_choices,
        .true_or_false = true},
       at<part, &DataConfig::header>},
      {{.key = "decimal",
        .help = "What stands before the fraction of a number: 1.5 has a point, 1,5 a comma.",
        .text = Text::choice,
        .choices = decimal_choices,
        .value_aliases = decimal_aliases()},
       at<part, &DataConfig::decimal>},
  };
}

std::vector<Field> data_column_fields() {
  constexpr auto part = &Config::data;
  return {
      {{.key = "target",
        .help = "Column, or list of columns, to predict.",
        .unset = "the last column",
        .example = "\"label\"",
        .aliases = {"targets", "label", "labels"}},
       at<part, &DataConfig::target>},
      {{.key = "inputs",
        .help = "Columns to predict from.",
        .unset = "all that are neither target nor ignored",
        .example = "[\"x1\", \"x2\"]",
        .aliases = {"features"}},
       at<part, &DataConfig::inputs>},
      {{.key = "ignore",
        .help = "Columns to leave out, such as an id.",
        .unset = "none",
        .example = "[\"id\"]",
        .aliases = {"drop"}},
       at<part, &DataConfig::ignore>},
      {{.key = "categorical",
        .help = "Columns to read as categories (one input per category) although they hold numbers.",
        .unset = "the columns that hold text",
        .example = "[\"zip_code\"]"},
       at<part, &DataConfig::categorical>},
      {{.key = "missing",
        .help = "What to do with an empty input cell: refuse the file, leave the row out, or fill in the mean or "
                "median of the training rows.",
        .text = Text::choice,
        .choices = missing_choices,
        .value_aliases = missing_aliases()},
       at<part, &DataConfig::missing>},
  };
}

std::vector<Field> data_split_fields() {
  constexpr auto part = &Config::data;
  return {
      {{.key = "validation_split",
        .help = "Share of the rows kept for validation: watched while training, never trained on.",
        .bounds = kShare,
        .aliases = {"val_split", "validation_fraction", "validation_size", "val_size"}},
       at<part, &DataConfig::validation_split>},
      {{.key = "test_split",
        .help = "Share of the rows kept for the final test: read once, after training.",
        .bounds = kShare,
        .aliases = {"test_fraction", "test_size"}},
       at<part, &DataConfig::test_split>},
      {{.key = "stratify", .help = "Splits every class in the same proportions. Only for class targets."},
       at<part, &DataConfig::stratify>},
      {{.key = "shuffle_split",
        .help = "Picks the held-out rows at random; false takes the last ones of the file (time series)."},
       at<part, &DataConfig::shuffle_split>},
      {{.key = "standardize",
        .help = "Shifts and scales numeric inputs to mean 0 and variance 1, as measured on the training rows.",
        .aliases = {"standardise", "normalize", "normalise"}},
       at<part, &DataConfig::standardize>},
      {{.key = "standardize_targets",
        .help = "The same for targets that are plain numbers; predictions come back in the original units.",
        .aliases = {"standardise_targets"}},
       at<part, &DataConfig::standardize_targets>},
  };
}

}  // namespace descent
