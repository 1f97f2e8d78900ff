using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.ML;

/// <summary>Numbers the values of categorical columns, and puts columns together. See <see cref="FeatureConcatenation"/>.</summary>
public sealed class FeatureConcatenatingEstimator : IEstimator<FeatureConcatenatingTransformer>
{
    private readonly IHost host;
    private readonly string output;
    private readonly string[] inputs;
    private readonly HashSet<string> categorical;

    internal FeatureConcatenatingEstimator(IHostEnvironment environment, string output, string[] inputs, HashSet<string> categorical)
    {
        host = environment.Register(nameof(FeatureConcatenatingEstimator));
        (this.output, this.inputs, this.categorical) = (output, inputs, categorical);
        host.CheckNonWhiteSpace(output, "outputColumnName");
        if (inputs.Length == 0 || inputs.Distinct().Count() < inputs.Length)
        {
            throw new ArgumentException(
                $"The columns to concatenate are {(inputs.Length == 0 ? "none" : string.Join(", ", inputs))}. Give one or more, each once.");
        }

        if (categorical.Except(inputs).FirstOrDefault() is { } other)
        {
            throw new ArgumentException(
                $"The categorical column '{other}' is not among those to concatenate: {string.Join(", ", inputs)}. "
                    + "Name it there too, where its slot is to be.");
        }
    }

    /// <summary>Reads the categorical columns once.</summary>
    /// <param name="input">The rows to learn from.</param>
    /// <exception cref="ArgumentException">A column is not there, or has another type.</exception>
    public FeatureConcatenatingTransformer Fit(IDataView input)
    {
        GetOutputSchema(SchemaShape.Create(input.Schema));
        var columns = inputs.Select(name => input.Schema[name]).ToList();
        var fitted = columns.Where(column => column.Type is TextDataViewType or KeyDataViewType || categorical.Contains(column.Name))
            .ToDictionary(column => column.Name, CategoryNumbers.Of);
        if (fitted.Count > 0)
        {
            using var cursor = input.GetRowCursor(columns.Where(column => fitted.ContainsKey(column.Name)));
            Action[] counts = [.. fitted.Select(pair => pair.Value.CounterOf(cursor, input.Schema[pair.Key]))];
            while (cursor.MoveNext())
            {
                Array.ForEach(counts, count => count());
            }
        }

        foreach (var numbers in fitted.Values)
        {
            numbers.Complete();
        }

        return new(host, output, [.. columns.Select(column => new ConcatenatedColumn(
            column.Name, column.Type is VectorDataViewType vector ? vector.Size : 1, fitted.GetValueOrDefault(column.Name)))]);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var name in inputs)
        {
            if (!inputSchema.TryFindColumn(name, out var column))
            {
                throw host.ExceptSchemaMismatch(nameof(inputSchema), "input", name);
            }

            var isVector = column.Kind == SchemaShape.Column.VectorKind.Vector && column.ItemType == NumberDataViewType.Single && !column.IsKey;
            if (!(isVector && !categorical.Contains(name))
                && (column.Kind != SchemaShape.Column.VectorKind.Scalar || !ConcatenatedColumn.IsTaken(column.ItemType)))
            {
                var expected = $"a text, a key, a number{(categorical.Contains(name) ? " or a Boolean" : ", a Boolean or Vector<Single>")}";
                throw host.ExceptSchemaMismatch(nameof(inputSchema), "input", name, expected, column.GetTypeString());
            }
        }

        var slotNames = new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false);
        var made = new SchemaShape.Column(output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, new SchemaShape([slotNames]));
        return new([.. inputSchema.Where(other => other.Name != output), made]);
    }
}
