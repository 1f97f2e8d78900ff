using Backprop.Cli.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>A model file read back: the columns it takes, and its predictions for a CSV text.</summary>
internal sealed class SavedModel
{
    private SavedModel(string path, ITransformer chain, IReadOnlyList<CsvColumn> columns, CsvDialect dialect)
        => (Path, Chain, Columns, Dialect) = (path, chain, columns, dialect);

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>From columns to predictions.</summary>
    public ITransformer Chain { get; }

    /// <summary>What it predicts from.</summary>
    public IReadOnlyList<CsvColumn> Columns { get; }

    /// <summary>How the training file was written.</summary>
    public CsvDialect Dialect { get; }

    /// <summary>Reads a file that <c>train</c> wrote.</summary>
    /// <exception cref="InputException">There is no such file, or it is not such a model.</exception>
    public static SavedModel Load(string path)
    {
        using var file = CsvSource.OpenFile(path);
        const string Advice = "Make one with 'backprop train --model'.";
        try
        {
            var chain = new MLContext().Model.Load(file, out var schema);
            var columns = schema?.Select(Column).ToList() ?? [];
            return columns.Count > 0 && columns.TrueForAll(column => column is not null)
                && chain.GetOutputSchema(schema).GetColumnOrNull(ColumnNames.Prediction) is not null
                ? new(path, chain, columns!, SavedDialect.In(schema!))
                : throw new InputException(
                    $"'{path}' is an ML.NET model, but does not turn numbers and texts into a column '{ColumnNames.Prediction}'. {Advice}");
        }
        catch (Exception e) when (e is not InputException and not OutOfMemoryException)
        {
            // A damaged zip can fail anywhere in ML.NET's loader, with any exception.
            throw new InputException($"'{path}' cannot be read as a model ({e.GetBaseException().Message.TrimEnd('.')}). {Advice}");
        }
    }

    /// <summary>Predicts every row, in order.</summary>
    /// <exception cref="InputException">A column of the model is missing, or a value is not of its kind.</exception>
    public Predictions Predict(CsvSource data, CancellationToken cancellation)
    {
        var table = CsvTable.Read(data, new TableColumns(Columns), cancellation);
        return new Predictions(Chain.Transform(new TableView(table.Rows, table.Features)), table.Dialect);
    }

    private static CsvColumn? Column(DataViewSchema.Column column)
        => column.Type == NumberDataViewType.Single ? new(column.Name, ColumnKind.Number)
            : column.Type == TextDataViewType.Instance ? new(column.Name, ColumnKind.Text)
            : null;
}
