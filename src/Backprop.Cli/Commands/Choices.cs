using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary>Options whose values are checked as they are read, each error with the value, the bound and an example.</summary>
internal static class Choices
{
    /// <summary>Of the option for optimizers.</summary>
    public const string OptimizerName = "--optimizer";

    /// <summary>A text taken as it is.</summary>
    public static Option<string?> Text(string name, string value, string description, bool required = false)
        => new(name) { HelpName = value, Description = description, Required = required };

    /// <summary>A whole number within bounds.</summary>
    public static Option<int?> Whole(string name, string description, int least, int most)
        => Parsed<int?>(name, "N", description, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= least && number <= most
                ? number
                : throw Wrong(name, text, $"a whole number from {least} to {most}, such as {name} {Math.Max(least, 2)}"));

    /// <summary>A number above 0.</summary>
    public static Option<double?> Rate(string name, string description)
        => Parsed<double?>(name, "X", description, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0 && double.IsFinite(rate)
                ? rate
                : throw Wrong(name, text, $"a number above 0, such as {name} 0.001"));

    /// <summary>A number from 0 to below 1.</summary>
    public static Option<double?> Share(string name, string description)
        => Parsed<double?>(name, "X", description, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 1
                ? share
                : throw Wrong(name, text, $"a number from 0 to below 1, such as {name} 0.2"));

    /// <summary>A number above 0 and below 1.</summary>
    public static Option<double?> Probability(string name, string description)
        => Parsed<double?>(name, "X", description, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability) && probability is > 0 and < 1
                ? probability
                : throw Wrong(name, text, $"a number between 0 and 1, such as {name} 0.3"));

    /// <summary>Yes or no; yes by its name alone.</summary>
    public static Option<bool?> Flag(string name, string description) => new(name)
    {
        HelpName = "true|false",
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => Read<bool?>(
            result, text => bool.TryParse(text, out var yes) ? yes : throw Wrong(name, text, "true or false, or nothing for true"), whenEmpty: true),
    };

    /// <summary>Any whole number.</summary>
    public static Option<long?> Seed(string decides = "initial weights, row order and split")
    {
        var description = $"Decides {decides}; {new TrainingOptions().Seed} by default.";
        return Parsed<long?>("--seed", "N", description, text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed)
                ? seed
                : throw Wrong("--seed", text, "a whole number of 64 bits, such as --seed 7"));
    }

    /// <summary>Units of hidden layers, joined by commas.</summary>
    public static Option<int[]?> Hidden(string description)
    {
        const string Name = "--hidden";
        const string Wanted = $"joined by commas, such as {Name} 128,64";
        return Parsed<int[]?>(Name, "N,N", description, text =>
            [.. text.Split(',').Select(part =>
                int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var units)
                    && units is >= 1 and <= Mlp.MaxUnits
                    ? units
                    : throw Wrong(Name, text, $"whole numbers from 1 to {Mlp.MaxUnits} {Wanted}; '{part}' is none"))]);
    }

    /// <summary>Threads of the engine.</summary>
    public static Option<int?> Threads()
        => Whole("--threads", "Threads of the engine; 0, the default, for one per core. Their number changes no bit.", 0, 1024);

    /// <summary>Vector width of the engine.</summary>
    public static Option<int?> VectorBits()
    {
        const string Name = "--vector-bits";
        const string Description = "Vector width, 0 for none; by default BACKPROP_VECTOR_BITS, or else the processor's widest. It changes no bit.";
        return Parsed<int?>(Name, "512|256|128|0", Description, text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is 0 or 128 or 256 or 512
                ? bits
                : throw Wrong(Name, text, "512, 256, 128, or 0 for scalar code"));
    }

    /// <summary>Refuses options that a model to train further has decided.</summary>
    /// <exception cref="InputException">One was given.</exception>
    public static void RequireNone(ParseResult parsed, params IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } given)
        {
            throw new InputException($"{given.Name} is given, but the model to train further has decided that. Leave it out, or train a new model.");
        }
    }

    /// <summary>How the engine runs, as asked for.</summary>
    public static EngineOptions Engine(int? threads, int? vectorBits)
        => new() { Threads = threads ?? EngineOptions.Default.Threads, VectorBits = vectorBits };

    /// <summary>A task by its name.</summary>
    public static Option<Head?> Task(string description, IEnumerable<string> names, Func<string, Head> parse, bool required = false)
        => Named("--task", description, names, parse, required);

    /// <summary>An activation by its name.</summary>
    public static Option<Formulas.Activation?> Activation(string description)
        => Named("--activation", description, Formulas.Activation.All.Select(a => a.Name), Formulas.Activation.Parse);

    /// <summary>An optimizer by its name.</summary>
    public static Option<Formulas.Optimizer?> Optimizer(string description)
        => Named(OptimizerName, description, Formulas.Optimizer.All.Select(o => o.Name).Distinct(), Formulas.Optimizer.Parse);

    /// <summary>A schedule by its name.</summary>
    public static Option<Training.Schedule?> Schedule(string description)
        => Named("--schedule", description, Training.Schedule.All.Select(s => s.Name), Training.Schedule.Parse);

    /// <summary>One of a catalogue's rows.</summary>
    public static Option<T?> Named<T>(
        string name, string description, IEnumerable<string> names, Func<string, T> parse, bool required = false)
        where T : class
    {
        var option = Parsed<T?>(name, "NAME", $"{description} One of {string.Join(", ", names)}.", parse);
        option.Required = required;
        return option;
    }

    /// <summary>A value read from one word; what is wrong with the word is an ArgumentException.</summary>
    public static Option<T> Parsed<T>(string name, string value, string description, Func<string, T> parse) => new(name)
    {
        HelpName = value,
        Description = description,
        CustomParser = result => Read(result, parse),
    };

    private static T? Read<T>(ArgumentResult result, Func<string, T> parse, T? whenEmpty = default)
    {
        try
        {
            return result.Tokens is [var word, ..] ? parse(word.Value) : whenEmpty;
        }
        catch (ArgumentException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }

    /// <summary>Says what an option takes instead.</summary>
    public static ArgumentException Wrong(string name, string text, string wanted) => new($"{name} is '{text}', but takes {wanted}");
}
