using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Backprop.Models;

/// <summary>Reads and checks the header of a safetensors file, which may be anybody's bytes.</summary>
/// <remarks>
/// Accepts what the reference implementation accepts: {name: {dtype, shape, data_offsets}}, with an optional __metadata__ of texts; the
/// tensors' bytes follow one another without overlap or gap and end where the file ends. Unknown fields of a tensor are passed over.
/// </remarks>
internal sealed class SafeTensorsHeader
{
    private const int MostDepth = 16;
    private const int MostDimensions = 64;
    private readonly Dictionary<string, string> metadata = [];
    private readonly List<SafeTensor> tensors = [];

    /// <summary>Parses a header.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="dataBytes">How many bytes follow it.</param>
    /// <exception cref="InvalidDataException">It is not a header, or not that of as many bytes.</exception>
    public SafeTensorsHeader(ReadOnlySpan<byte> json, long dataBytes)
    {
        if (json.IsEmpty || json[0] != '{' || !Utf8.IsValid(json))
        {
            throw new InvalidDataException("The header of the safetensors file is not JSON in UTF-8 that begins with a brace. Save the file again.");
        }

        try
        {
            Parse(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"The header of the safetensors file is not JSON: {e.Message} Save the file again.", e);
        }

        CheckPlaces(dataBytes);
    }

    /// <summary>Texts about the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensor> Tensors => tensors;

    /// <summary>A name in a message: shortened, and without what would move the cursor.</summary>
    public static string Quote(string name)
    {
        var text = new StringBuilder("'");
        foreach (var character in name.AsSpan(0, Math.Min(name.Length, 80)))
        {
            text.Append(char.IsControl(character) ? '?' : character);
        }

        return text.Append(name.Length > 80 ? "…'" : "'").ToString();
    }

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MostDepth });
        var names = new HashSet<string>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
            {
                throw Wrong(name, "is there twice");
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Wrong(name, "is not an object");
            }

            if (name == SafeTensors.MetadataName)
            {
                ParseMetadata(ref reader);
            }
            else
            {
                tensors.Add(ParseTensor(ref reader, name));
            }
        }

        // Anything behind the closing brace but white space is an error of the reader's own.
        reader.Read();
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || !metadata.TryAdd(key, reader.GetString()!))
            {
                throw Wrong(SafeTensors.MetadataName, $"has {Quote(key)} twice, or not as a text");
            }
        }
    }

    private static SafeTensor ParseTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString()!;
            reader.Read();
            var twice = field switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            switch (field)
            {
                case var _ when twice: throw Wrong(name, $"has {field} twice");
                case "dtype": type = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw Wrong(name, "has a dtype that is no text"); break;
                case "shape": shape = ParseNumbers(ref reader, name, field); break;
                case "data_offsets": offsets = ParseNumbers(ref reader, name, field); break;
                default: reader.Skip(); break;
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end] || end < begin)
        {
            throw Wrong(name, "lacks a dtype, a shape, or two data_offsets in order");
        }

        if (SafeTensor.BytesOf(type) == 0)
        {
            throw Wrong(name, $"has the unknown type {Quote(type)}");
        }

        if (BytesOf(type, shape) != end - begin)
        {
            throw Wrong(name, $"of type {type} and shape [{string.Join(", ", shape)}] does not fill its {end - begin} bytes");
        }

        return new(name, type, shape, begin, end - begin);
    }

    private static long[] ParseNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        var numbers = new List<long>();
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        while (isArray && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0
            && numbers.Count < MostDimensions)
        {
            numbers.Add(number);
        }

        return isArray && reader.TokenType == JsonTokenType.EndArray
            ? [.. numbers]
            : throw Wrong(name, $"has a {field} that is not a list of at most {MostDimensions} whole numbers from 0 to {long.MaxValue}");
    }

    /// <summary>The bytes of a tensor; null where no whole number tells.</summary>
    private static long? BytesOf(string type, long[] shape)
    {
        try
        {
            return shape.Aggregate(1L, (product, size) => checked(product * size)) is var length ? checked(length * SafeTensor.BytesOf(type)) : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private void CheckPlaces(long dataBytes)
    {
        // By the end where they begin together: one of no bytes comes first.
        tensors.Sort((a, b) => (a.Offset, a.Bytes).CompareTo((b.Offset, b.Bytes)));
        var end = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                throw Wrong(tensor.Name, $"begins at byte {tensor.Offset} of the data and not where the one before ends, at {end}");
            }

            end += tensor.Bytes;
        }

        if (end != dataBytes)
        {
            throw new InvalidDataException(
                $"The header of the safetensors file describes {end} bytes of data, but {dataBytes} follow. The file is cut off or damaged; save it again.");
        }
    }

    private static InvalidDataException Wrong(string name, string what)
        => new($"The header of the safetensors file is wrong: {Quote(name)} {what}. Save the file again.");
}
