using Backprop.Audit;
using Backprop.Export;
using Backprop.Models;
using Microsoft.ML.OnnxRuntime;

namespace Backprop.Comparisons.Contenders;

/// <summary>
/// ONNX Runtime's probabilities, set up for speed: every graph optimisation, the number of rows known to it, one operator after the
/// other, its threads free to spin, input and output bound to pinned memory so that a run copies and allocates nothing.
/// </summary>
internal sealed class OrtScores : Contender
{
    private readonly float[] scores;
    private readonly InferenceSession session;
    private readonly OrtValue input;
    private readonly OrtValue output;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();

    public OrtScores(Weights<float> weights, float[] features, int threads)
    {
        var mlp = weights.Model;
        var rows = features.Length / mlp.Inputs;
        (Threads, scores) = (threads, new float[rows * mlp.Outputs]);
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "1");
        options.AddFreeDimensionOverrideByName(OnnxOptions.RowsDimension, rows);
        using var model = new MemoryStream();
        new Network<float>(weights).SaveOnnx(model);
        session = new(model.ToArray(), options);
        input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, features.AsMemory(), [rows, mlp.Inputs]);
        output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, scores.AsMemory(), [rows, mlp.Outputs]);
        binding = session.CreateIoBinding();
        binding.BindInput(session.InputNames[0], input);
        binding.BindOutput(session.OutputNames[0], output);
    }

    /// <inheritdoc/>
    public override int Threads { get; }

    /// <inheritdoc/>
    public override void Run() => session.RunWithBinding(run, binding);

    /// <inheritdoc/>
    public override double[] Results()
    {
        Run();
        return [.. scores.Select(score => (double)score)];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        run.Dispose();
        binding.Dispose();
        input.Dispose();
        output.Dispose();
        session.Dispose();
    }
}
