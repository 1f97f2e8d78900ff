using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Backprop.Formulas;
using Backprop.Graph;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Models.Layers;

/// <summary>
/// Each column as several, one for each of its bins: 0 below the bin, 1 above it, and (x − low) / (high − low) inside, so that a linear
/// layer behind it is a piecewise linear function of each column. Gorishniy, Rubachev and Babenko (2022).
/// </summary>
/// <remarks>
/// <para>
/// Bins are fitted to the training rows and not learned. Half of their edges are quantiles of the rows, half of the distinct values, so that neither a
/// crowd of rows nor a long tail is all in one bin; a column of few values has an edge at each. One of a single value, or none, has one bin, which gives 0.
/// They are those of the finite numbers: all where the rows are in memory, else of a seeded sample (<see cref="Training.TrainingData{T}"/>).
/// </para>
/// <para>
/// A missing value, a NaN, gives 0 in each bin. Columns in which the rows it is fitted to lack a value get another column behind all
/// bins: 1 where the value is missing, else 0.
/// </para>
/// <para>The result is from 0 to 1 for every input. It takes dense features: the bins of a sparse table's zeros would not be zeros.</para>
/// </remarks>
/// <param name="bins">The most bins of a column, from 1.</param>
public sealed class PiecewiseLinearEncoding(int bins = 48) : Layer, IFitted
{
    /// <summary>The most bins of a column.</summary>
    public int Bins { get; } = bins is >= 1 and <= Model.MaxUnits
        ? bins
        : throw new ArgumentException($"The bins of a PiecewiseLinearEncoding layer are {bins}, outside 1 to {Model.MaxUnits}. Correct them.");

    /// <summary>A column of fewer different values has one bin; from 2.</summary>
    [JsonIgnore]
    public int LeastValues { get; init => field = Check(value, value >= 2, nameof(LeastValues), "2 or more"); } = 2;

    /// <summary>The bins of each column; null until rows have told, and then each has <see cref="Bins"/>, all of them from 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Counts { get; init; }

    /// <summary>The columns, ascending from 0, that get another one which says where they lack a value; null until rows have told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Indicators { get; init; }

    /// <inheritdoc/>
    public override bool TakesMissing => true;

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs)
        => Model.CheckUnits(Width(inputs) + MissingColumns.Count(Indicators, inputs[0], this), "A PiecewiseLinearEncoding layer");

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
    {
        var width = Model.CheckUnits(Width(inputs), "A PiecewiseLinearEncoding layer");
        return
        [
            new("low", 1, width, TensorLayout.Vector, new Zeros()) { Learned = false },
            new("scale", 1, width, TensorLayout.Vector, new Constant { Value = 1 }) { Learned = false },
        ];
    }

    /// <inheritdoc/>
    public FittedLayer Fit(LayerInput input)
    {
        var (counts, missing, low, scale) = (new int[input.Columns], new List<int>(), new List<double>(), new List<double>());
        for (var column = 0; column < input.Columns; column++)
        {
            var (finite, lacking) = input.Ordered(column);
            var edges = EdgesOf(finite);
            for (var bin = 1; bin < edges.Count; bin++)
            {
                low.Add(edges[bin - 1]);
                // Halves, whose difference does not overflow.
                scale.Add(0.5 / (edges[bin] / 2 - edges[bin - 1] / 2));
            }

            if (edges.Count < 2)
            {
                low.Add(0);
                scale.Add(0);
            }

            counts[column] = Math.Max(1, edges.Count - 1);
            if (lacking > 0)
            {
                missing.Add(column);
            }
        }

        return new(
            new PiecewiseLinearEncoding(Bins) { Name = Name, LeastValues = LeastValues, Counts = counts, Indicators = Indicators ?? missing },
            new Dictionary<string, IReadOnlyList<double>> { ["low"] = low, ["scale"] = scale });
    }

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
    {
        var x = inputs[0].IsSparse
            ? throw new NotSupportedException(
                $"A {this} layer takes dense features: the bins of a sparse table's zeros would not be zeros. Leave it out, or give the table dense.")
            : inputs[0];
        return Node.Concatenate([.. Encoded(x, tensors[0], tensors[1]), .. MissingColumns.Of(x, Indicators)]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"piecewise linear encoding {Bins}";

    /// <summary>Columns of all bins.</summary>
    private long Width(IReadOnlyList<int> inputs)
    {
        var columns = Only(inputs);
        return Counts is null ? (long)columns * Bins
            : Counts.Count == columns && Counts.All(count => count >= 1 && count <= Bins) ? Counts.Sum(count => (long)count)
            : throw new ArgumentException(
                $"{nameof(Counts)} of a PiecewiseLinearEncoding layer are {Counts.Count} numbers for {columns} columns, or one is outside 1 to {Bins}. "
                + "Give each column's bins.");
    }

    /// <summary>A node for each column; one for neighbours with a bin each.</summary>
    private IEnumerable<Node> Encoded(Node x, Node low, Node scale)
    {
        int Count(int column) => Counts?[column] ?? Bins;
        for (int first = 0, place = 0, next, count; first < x.Shape.Columns; first = next, place += count)
        {
            (next, count) = (first + 1, Count(first));
            while (count == next - first && next < x.Shape.Columns && Count(next) == 1)
            {
                (next, count) = (next + 1, count + 1);
            }

            yield return Node.Map(default(Part), x.Columns(first, next - first), low.Columns(place, count), scale.Columns(place, count));
        }
    }

    /// <summary>The edges of a column's bins, ascending.</summary>
    /// <param name="sorted">Its finite numbers, ascending.</param>
    private List<double> EdgesOf(double[] sorted)
    {
        var distinct = new List<double>();
        foreach (var value in sorted)
        {
            if (distinct.Count == 0 || value != distinct[^1])
            {
                distinct.Add(value);
            }
        }

        if (distinct.Count < LeastValues && distinct.Count > 2)
        {
            return [distinct[0], distinct[^1]];
        }

        if (distinct.Count - 1 <= Bins)
        {
            return distinct;
        }

        // Of the rows' quantiles the lowest and the highest value too, of the others' those in between.
        var (ofRows, ofValues) = (Bins - Bins / 2, Bins / 2);
        var edges = new SortedSet<double>();
        for (var i = 0; i <= ofRows; i++)
        {
            edges.Add(sorted[(int)((long)i * (sorted.Length - 1) / ofRows)]);
        }

        for (var i = 1; i <= ofValues; i++)
        {
            edges.Add(distinct[(int)((long)i * (distinct.Count - 1) / (ofValues + 1))]);
        }

        return [.. edges];
    }

    /// <summary>Of x, a bin's low edge and the inverse of its width, how much of the bin lies below x. NaN is not positive.</summary>
    private readonly record struct Part : IFormula
    {
        public static int Inputs => 3;

        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX>
        {
            var z = (a - b) * c;
            return TX.IfPositive(z, TX.IfPositive(1 - z, z, 1), 0);
        }
    }
}
