using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <summary>A trained network as any of the transformers holds it: <c>transformer.Model</c>.</summary>
public interface IMultilayerPerceptronModel
{
    /// <summary>The network: description, weights and scoring.</summary>
    Network<float> Network { get; }

    /// <summary>What was reported after each epoch of training.</summary>
    IReadOnlyList<EpochReport> History { get; }

    /// <summary>
    /// The epoch, from 1, whose weights were kept; 0 if a model was trained further and no epoch was better than it. Of several members, the first's.
    /// </summary>
    int BestEpoch { get; }

    /// <summary>SHA-256 of the weights: equal hashes, equal bits.</summary>
    string WeightHash { get; }
}

/// <summary>What all kinds of model parameters share: the result of training, how to save it, and scoring row by row.</summary>
/// <typeparam name="TOutput">The type of a Score.</typeparam>
public abstract partial class MultilayerPerceptronModelParameters<TOutput>
    : ModelParametersBase<TOutput>, IMultilayerPerceptronModel, IValueMapper
{
    private readonly TrainingResult<float> result;
    private readonly VersionInfo version;

    private protected MultilayerPerceptronModelParameters(IHostEnvironment environment, VersionInfo version, TrainingResult<float> result)
        : base(environment, version.LoaderSignature)
        => (this.version, this.result) = (version, result);

    private protected MultilayerPerceptronModelParameters(IHostEnvironment environment, VersionInfo version, ModelLoadContext context)
        : base(environment, version.LoaderSignature, context)
        => (this.version, result) = (version, TrainingResultFile.Read(context.Reader));

    /// <inheritdoc/>
    public Network<float> Network => result.Network;

    /// <inheritdoc/>
    public IReadOnlyList<EpochReport> History => result.History;

    /// <inheritdoc/>
    public int BestEpoch => result.BestEpoch;

    /// <inheritdoc/>
    public string WeightHash => result.WeightHash;

    DataViewType IValueMapper.InputType => new VectorDataViewType(NumberDataViewType.Single, Network.Model.Inputs);

    DataViewType IValueMapper.OutputType => ScoreType;

    /// <summary>The type of the column Score.</summary>
    private protected abstract DataViewType ScoreType { get; }

    /// <summary>The values of the column Score.</summary>
    private protected abstract Delegate ScoreOf(ScoreBatch batch);

    ValueMapper<TSource, TScore> IValueMapper.GetMapper<TSource, TScore>()
    {
        var batch = new ScoreBatch(Network, 1);
        var score = (ValueGetter<TScore>)ScoreOf(batch);
        ValueMapper<VBuffer<float>, TScore> map = (in VBuffer<float> features, ref TScore value) =>
        {
            batch.ScoreOnly(in features);
            score(ref value);
        };
        return (ValueMapper<TSource, TScore>)(Delegate)map;
    }

    /// <inheritdoc/>
    protected sealed override void SaveCore(ModelSaveContext ctx)
    {
        base.SaveCore(ctx);
        ctx.SetVersionInfo(version);
        TrainingResultFile.Write(result, ctx.Writer);
    }
}
