using Backprop.Audit;
using Microsoft.ML;

namespace Backprop.Comparisons.Fitting;

/// <summary>One trainer's whole Fit; its result is the score on the test rows.</summary>
internal sealed class FitContender(IEstimator<ITransformer> estimator, FitData data) : Contender
{
    /// <inheritdoc/>
    public override int Threads => Environment.ProcessorCount;

    /// <inheritdoc/>
    public override bool WarmsUp => false;

    /// <inheritdoc/>
    public override void Run() => (estimator.Fit(data.Train) as IDisposable)?.Dispose();

    /// <inheritdoc/>
    public override double[] Results()
    {
        var model = estimator.Fit(data.Train);
        return [data.Score(model.Transform(data.Test))];
    }
}
