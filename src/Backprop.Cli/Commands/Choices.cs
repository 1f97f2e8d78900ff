using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Cli.Commands;

/// <summary>Options whose values are checked as they are read, each error with the value, the bound and an example.</summary>
internal static class Choices
{
    /// <summary>A text taken as it is.</summary>
    public static Option<string?> Text(string name, string value, string description, bool required = false)
        => new(name) { HelpName = value, Description = description, Required = required };

    /// <summary>A whole number within bounds.</summary>
    public static Option<int?> Whole(string name, string description, int least, int most)
        => Parsed<int?>(name, "N", description, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new ArgumentException($"{name} is '{text}', but must be a whole number from {least} to {most}, such as {name} {Math.Max(least, 2)}"));

    /// <summary>Any whole number.</summary>
    public static Option<long?> Seed() => Parsed<long?>("--seed", "N", "Decides initial weights, row order and split. The same seed gives the same bits.", text =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new ArgumentException($"--seed is '{text}', but must be a whole number of 64 bits, such as --seed 7"));

    /// <summary>A number above 0.</summary>
    public static Option<double?> Rate(string name, string description) => Parsed<double?>(name, "X", description, text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0 && double.IsFinite(rate)
            ? rate
            : throw new ArgumentException($"{name} is '{text}', but must be a number above 0, such as {name} 0.001"));

    /// <summary>Units of hidden layers, joined by commas.</summary>
    public static Option<int[]?> Hidden() => Parsed<int[]?>("--hidden", "N,N", "Units of the hidden layers, first to last.", text =>
        [.. text.Split(',').Select(part =>
            int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units is >= 1 and <= Mlp.MaxUnits
                ? units
                : throw new ArgumentException(
                    $"--hidden is '{text}', where '{part}' is not a whole number from 1 to {Mlp.MaxUnits}. Write units joined by commas, such as --hidden 128,64"))]);

    /// <summary>Threads of the engine.</summary>
    public static Option<int?> Threads() => Whole("--threads", "Threads of the engine; 0 for one per core. Their number changes no bit.", 0, 1024);

    /// <summary>Vector width of the engine.</summary>
    public static Option<int?> VectorBits()
        => Parsed<int?>("--vector-bits", "N", "Vector width: 512, 256, 128 or 0 for none; by default the widest. It changes no bit.", text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is 0 or 128 or 256 or 512
                ? bits
                : throw new ArgumentException($"--vector-bits is '{text}', but must be 512, 256, 128 or 0 for scalar code"));

    /// <summary>A row of one of the engine's catalogues.</summary>
    public static Option<T?> Named<T>(string name, string description, IEnumerable<string> names, Func<string, T> parse, bool required = false) where T : class
    {
        var option = Parsed<T?>(name, string.Join('|', names), description, parse);
        option.Required = required;
        return option;
    }

    /// <summary>How the engine runs, as asked for.</summary>
    public static EngineOptions Engine(int? threads, int? vectorBits) => new() { Threads = threads ?? EngineOptions.Default.Threads, VectorBits = vectorBits };

    private static Option<T> Parsed<T>(string name, string value, string description, Func<string, T> parse) => new(name)
    {
        HelpName = value,
        Description = description,
        CustomParser = result => Read(result, parse),
    };

    private static T? Read<T>(ArgumentResult result, Func<string, T> parse)
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (ArgumentException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }
}
