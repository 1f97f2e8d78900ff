using System.Text.Json;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Default options on real data reach what is promised.</summary>
public sealed class RealDataTests : IDisposable
{
    private readonly Tool tool = new();

    [SharedDataTheory]
    [InlineData("adult", "income", "binary", "auc", 0.90, 1)]
    [InlineData("optdigits", "digit", "multiclass", "accuracy", 0.985, 1)]
    [InlineData("california", "median_house_value", "regression", "rmse", 60_000, -1)]
    public void DefaultOptionsReachThePromisedScore(string set, string label, string task, string metric, double promised, int sign)
    {
        var data = Path.Combine(SharedData.Folder!, set);
        tool.Succeed($"train --data {data}.train.csv --test {data}.test.csv --label {label} --task {task} --metrics @m.json");
        var found = JsonDocument.Parse(File.ReadAllText(tool["m.json"])).RootElement.GetProperty("metrics").GetProperty(metric).GetDouble();
        Assert.True(sign * found >= sign * promised, $"{metric} on {set} is {found}; {promised} is promised");
    }

    public void Dispose() => tool.Dispose();
}
