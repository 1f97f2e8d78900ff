using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>A real number.</summary>
internal sealed class RegressionTask : TabularTask
{
    /// <inheritdoc/>
    public override Head Head => Head.Regression;

    /// <summary>Checks that the label is numeric.</summary>
    public static RegressionTask Of(LabelTexts label)
    {
        var task = new RegressionTask();
        task.Targets(label);
        return task;
    }

    /// <inheritdoc/>
    public override TableColumn Targets(LabelTexts label)
    {
        float[] numbers = [.. label.Texts.Select((text, i) => Number(label, text, i))];
        return new TableColumn<float>(ColumnNames.Label, NumberDataViewType.Single, numbers);
    }

    /// <inheritdoc/>
    public override Fitted Fit(MLContext ml, IDataView data, MultilayerPerceptronOptions options)
    {
        var trained = ml.Regression.Trainers.MultilayerPerceptron(options).Fit(data);
        var prediction = ml.Transforms.CopyColumns(ColumnNames.Prediction, ColumnNames.Score);
        return new(new TransformerChain<ITransformer>(trained, prediction.Fit(trained.Transform(data))), trained.Model);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(MLContext ml, IDataView scored)
    {
        var metrics = ml.Regression.Evaluate(scored, ColumnNames.Label);
        return new(
            [new("rmse", metrics.RootMeanSquaredError), new("r2", metrics.RSquared), new("mae", metrics.MeanAbsoluteError)],
            Confusion: null);
    }

    private static float Number(LabelTexts label, string text, int i)
        => label.Numbers.TryParse(text, out var number) && float.IsFinite(number)
            ? number
            : throw new InputException(
                $"Label '{label.Column}' is '{text}' on line {label.Lines[i]} of {label.Source}, and a regression needs finite numbers. "
                + (label.Numbers == NumberText.Point && NumberText.Comma.TryParse(text, out number) && float.IsFinite(number)
                    ? "If that is a decimal comma, give --decimal-comma."
                    : "Correct it, or give --task binary or multiclass if the label names classes."));
}
