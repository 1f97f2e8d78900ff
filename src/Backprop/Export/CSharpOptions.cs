namespace Backprop.Export;

/// <summary>How a network is written as C# source.</summary>
public sealed record CSharpOptions
{
    private static readonly HashSet<string> Keywords =
    [
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default",
        "delegate", "do", "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto",
        "if", "implicit", "in", "int", "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out",
        "override", "params", "private", "protected", "public", "readonly", "record", "ref", "required", "return", "sbyte", "scoped", "sealed",
        "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try", "typeof", "uint", "ulong",
        "unchecked", "unsafe", "ushort", "using", "var", "virtual", "void", "volatile", "while", "file", "field", "extension",
    ];

    // In a namespace with such a part the part would be meant.
    private static readonly HashSet<string> Types =
        ["System", "Numerics", "Math", "MathF", "Vector", "Span", "ReadOnlySpan", "BitConverter", "ArgumentException"];

    /// <summary>The class's namespace, such as <c>Company.Models</c>; empty for none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The class's name.</summary>
    public string ClassName { get; init; } = "Network";

    /// <summary>What is done to features first; null for nothing.</summary>
    public FeatureScaling? Scaling { get; init; }

    /// <summary>Whether a network's class can have that name.</summary>
    public static bool IsClassName(string name) => IsName(name) && !Types.Contains(name) && !CSharpMembers<float>.Reserved.Contains(name);

    /// <summary>Refuses names that are none in C#, or stand for something else in the file.</summary>
    /// <exception cref="ArgumentException">One is not.</exception>
    internal void Require()
    {
        foreach (var (what, name) in Namespace.Split('.').Where(_ => Namespace.Length > 0).Select(name => (nameof(Namespace), name))
            .Append((nameof(ClassName), ClassName)))
        {
            if (!IsName(name))
            {
                throw new ArgumentException($"{what} has '{name}', which is no name in C#: letters, digits and _, no digit first, no keyword. Correct it.");
            }

            if (Types.Contains(name))
            {
                throw new ArgumentException($"{what} has '{name}', which the file uses as .NET's own. Choose another.");
            }
        }

        if (!IsClassName(ClassName))
        {
            throw new ArgumentException($"{nameof(ClassName)} is '{ClassName}', which is also the name of one of the class's members. Choose another.");
        }
    }

    private static bool IsName(string name)
        => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !Keywords.Contains(name);
}
