using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;

namespace Backprop.Models;

/// <summary>How the first values of a parameter are drawn.</summary>
/// <remarks>
/// Each draws as PyTorch's function of that name does, on one stream: weight, then bias, layer after layer. Its text, such as
/// <c>normal(0, 0.02)</c>, is what <see cref="Parse"/> reads.
/// </remarks>
public abstract record Initializer
{
    /// <summary>Every initializer there is, with its default arguments.</summary>
    public static IReadOnlyList<Initializer> All { get; } =
    [
        new DefaultWeights(),
        new DefaultBiases(),
        new Zeros(),
        new Constant(),
        new Uniform(),
        new Normal(),
        new TruncatedNormal(),
        new XavierUniform(),
        new XavierNormal(),
        new KaimingUniform(),
        new KaimingNormal(),
        new LecunUniform(),
        new LecunNormal(),
        new Orthogonal(),
        new RandomSigns(),
        new MeanRates(),
    ];

    /// <summary>The name in lower case, as options and the command line take it.</summary>
    public string Name => GetType().Name.ToLowerInvariant();

    /// <summary>What stands in parentheses behind the name.</summary>
    public virtual IReadOnlyList<string> Arguments => [];

    /// <summary>Reads a name, or a name with all its arguments in parentheses.</summary>
    /// <exception cref="ArgumentException">There is no initializer of that name, or it does not take those arguments.</exception>
    public static Initializer Parse(string text)
    {
        var open = text.IndexOf('(');
        var row = Catalogue.Find(All, i => i.Name, (open < 0 ? text : text[..open]).Trim(), "initializer");
        if (open < 0)
        {
            return row;
        }

        try
        {
            var inside = text.TrimEnd()[(open + 1)..];
            if (inside.EndsWith(')') && inside[..^1].Split(',', StringSplitOptions.TrimEntries) is var arguments && arguments.Length == row.Arguments.Count)
            {
                return row.With(arguments);
            }
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw new ArgumentException($"'{text}' is not an initializer. Write it like {row}.");
    }

    /// <summary>Draws the values of one parameter.</summary>
    /// <param name="values">Filled; row-major [out][in] for weights.</param>
    /// <param name="fanIn">Inputs of a unit of the layer, for its biases too.</param>
    /// <param name="fanOut">Units that read an input of the layer.</param>
    /// <param name="random">The stream.</param>
    /// <exception cref="ArgumentException">The initializer is not for parameters of that shape.</exception>
    public abstract void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>The name, with the arguments if there are any.</summary>
    public sealed override string ToString() => Arguments.Count == 0 ? Name : $"{Name}({string.Join(", ", Arguments)})";

    /// <summary>The same initializer with as many other arguments.</summary>
    /// <exception cref="FormatException">They are not what it takes.</exception>
    protected virtual Initializer With(IReadOnlyList<string> arguments) => this;

    /// <summary>A number as an argument; it reads back as the same bits.</summary>
    protected static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>An argument as a number.</summary>
    protected static double Number(string argument) => double.Parse(argument, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The value, if it is finite and in bounds.</summary>
    protected static double Check(double value, bool holds = true, string bound = "a finite number", [CallerMemberName] string name = "")
        => holds && double.IsFinite(value) ? value : throw new ArgumentException($"{name} is {value}, not {bound}. Correct it.");
}
