using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>Reports as JSON with stable names: the properties' in camel case, verdicts in lower case, NaN and infinity as words.</summary>
public static class AuditJson
{
    /// <summary>How reports are written.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter<Verdict>() },
    };
}
