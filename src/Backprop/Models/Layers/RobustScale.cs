using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Backprop.Formulas;
using Backprop.Graph;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Models.Layers;

/// <summary>
/// Features on one scale, whatever their units: z = (x − median) / (q₇₅ − q₂₅) for each column, and z / √(1 + (z/b)²), which clips smoothly.
/// Fitted to the training rows and not learned. Holzmüller, Grinsztajn and Steinwart (2024), RealMLP.
/// </summary>
/// <remarks>
/// <para>
/// Where the quartiles are equal, as those of amounts that are mostly 0, z = (x − median) / d, d the median distance of those that differ
/// from it: a single huge one does not make all others nothing. Of a column with a single value, or none, z is 0. Quartiles are
/// interpolated linearly between neighbours, as numpy's are, over the finite numbers of a column: all of them where the rows are in memory,
/// otherwise those of a seeded sample (<see cref="Training.TrainingData{T}"/>). Weights of rows play no part.
/// </para>
/// <para>
/// A missing value, a NaN, becomes 0, where the median is too; an infinite one is clipped like a huge one. Columns in which rows it is
/// fitted to lack a value, <see cref="LeastMissing"/> at least, get another column behind all others: 1 where the value is missing, else 0.
/// </para>
/// <para>The result is finite for every input. It takes dense features: those of a sparse table are not scaled, as zeros would not stay zeros.</para>
/// </remarks>
/// <param name="bound">b, above 0: no result is larger in size.</param>
public sealed class RobustScale(double bound = 3) : Layer, IFitted
{
    private readonly SmoothClip clip = new(bound);

    /// <summary>b.</summary>
    public double Bound => clip.Bound.Value;

    /// <summary>The columns, ascending from 0, that get another one which says where they lack a value; null until rows have told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Indicators { get; init; }

    /// <summary>
    /// As many rows that lack a column's value, from 1, give the column another one that says where; of fewer, a network would learn those
    /// rows by heart, and trust them.
    /// </summary>
    [JsonIgnore]
    public int LeastMissing { get; init => field = Check(value, value >= 1, nameof(LeastMissing), "1 or more"); } = 1;

    /// <inheritdoc/>
    public override bool TakesMissing => true;

    /// <inheritdoc/>
    public override int ColumnsOf(IReadOnlyList<int> inputs)
        => Model.CheckUnits(Only(inputs) + (long)MissingColumns.Count(Indicators, inputs[0], this), "A RobustScale layer");

    /// <inheritdoc/>
    public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs) =>
    [
        new("center", 1, inputs[0], TensorLayout.Vector, new Zeros()) { Learned = false },
        new("scale", 1, inputs[0], TensorLayout.Vector, new Constant { Value = 1 }) { Learned = false },
    ];

    /// <inheritdoc/>
    public FittedLayer Fit(LayerInput input)
    {
        var (center, scale, missing) = (new double[input.Columns], new double[input.Columns], new List<int>());
        for (var column = 0; column < input.Columns; column++)
        {
            var (finite, lacking) = input.Ordered(column);
            (center[column], scale[column]) = finite.Length > 0 ? ScaleOf(finite) : default;
            if (lacking >= LeastMissing)
            {
                missing.Add(column);
            }
        }

        return new(
            new RobustScale(Bound) { Name = Name, LeastMissing = LeastMissing, Indicators = Indicators ?? missing },
            new Dictionary<string, IReadOnlyList<double>> { ["center"] = center, ["scale"] = scale });
    }

    /// <inheritdoc/>
    public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
    {
        var x = inputs[0].IsSparse
            ? throw new NotSupportedException(
                $"A {this} layer takes dense features: a sparse table's zeros would not stay zeros. Leave it out, or give the table dense.")
            : inputs[0];
        var scaled = Node.Map(new Scaling(clip), x, tensors[0], tensors[1]);
        return Node.Concatenate([scaled, .. MissingColumns.Of(x, Indicators)]);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"robust scale {Bound}");

    /// <summary>The median, and what differences from it are multiplied by.</summary>
    /// <param name="sorted">Finite numbers, ascending.</param>
    private static (double Center, double Scale) ScaleOf(double[] sorted)
    {
        var (low, high) = (Quantile(sorted, 0.25), Quantile(sorted, 0.75));
        var center = Quantile(sorted, 0.5);
        // Halves, whose difference does not overflow.
        return (center, low < high ? 0.5 / (high / 2 - low / 2) : sorted[0] < sorted[^1] ? 0.5 / HalfDistance(sorted, center) : 0);
    }

    /// <summary>Half of the median distance from the center of those that differ from it.</summary>
    private static double HalfDistance(double[] sorted, double center)
    {
        double[] distances = [.. sorted.Where(value => value != center).Select(value => Math.Abs(value / 2 - center / 2))];
        Array.Sort(distances);
        return Quantile(distances, 0.5);
    }

    private static double Quantile(double[] sorted, double level)
    {
        var place = level * (sorted.Length - 1);
        var (below, part) = ((int)place, place - Math.Floor(place));
        var (low, high) = (sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)]);
        return double.IsFinite(high - low) ? low + part * (high - low) : (1 - part) * low + part * high;
    }

    /// <summary>Of x, the median and the scale. NaN is not positive: not for x that is missing, nor for 0 times a difference that overflows.</summary>
    private readonly record struct Scaling(SmoothClip Clip) : IFormula
    {
        public static int Inputs => 3;

        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX>
        {
            var z = (a - b) * c;
            return TX.IfPositive(z * z + 1, Clip.Forward(z), 0);
        }
    }
}
