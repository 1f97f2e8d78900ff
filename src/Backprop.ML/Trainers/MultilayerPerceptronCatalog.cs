using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Multilayer perceptrons in ML.NET's catalogs of trainers.</summary>
/// <remarks>
/// Features are scaled inside, up to 1,024 of them beside one-hot slots, or of any number where more than one in 16 is not 0; others should be
/// normalised. Keys are categories if they come by OneHotEncoding or ConcatenateFeatures, and numbers otherwise. Regression labels are
/// standardised inside.
/// </remarks>
public static class MultilayerPerceptronCatalog
{
    /// <summary>A network for two classes, trained with binary cross-entropy; gives Score (the logit), Probability and PredictedLabel.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.BinaryClassification</c>.</param>
    /// <param name="labelColumnName">A Boolean column.</param>
    /// <param name="featureColumnName">A column of Single vectors of known size.</param>
    /// <param name="exampleWeightColumnName">A Single column of positive weights, or null for weights of 1.</param>
    /// <param name="hiddenUnits">Units of the hidden layers, first to last.</param>
    /// <param name="numberOfIterations">The most epochs: passes over the training rows.</param>
    /// <param name="learningRate">The step size, of plain Adam instead of the preset's optimizer and its rates.</param>
    /// <remarks>What is null is chosen by <see cref="Backprop.Training.Preset.Default"/>.</remarks>
    public static MultilayerPerceptronBinaryTrainer MultilayerPerceptron(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = DefaultColumnNames.Features,
        string? exampleWeightColumnName = null,
        int[]? hiddenUnits = null,
        int? numberOfIterations = null,
        double? learningRate = null)
        => catalog.MultilayerPerceptron(
            Options(labelColumnName, featureColumnName, exampleWeightColumnName, hiddenUnits, numberOfIterations, learningRate));

    /// <summary>A network for two classes, with every option.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.BinaryClassification</c>.</param>
    /// <param name="options">Column names and how to train.</param>
    public static MultilayerPerceptronBinaryTrainer MultilayerPerceptron(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, MultilayerPerceptronOptions options)
        => new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>A network for many classes, trained with cross-entropy; gives Score (softmax probabilities) and PredictedLabel.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">A key column, as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">A column of Single vectors of known size.</param>
    /// <param name="exampleWeightColumnName">A Single column of positive weights, or null for weights of 1.</param>
    /// <param name="hiddenUnits">Units of the hidden layers, first to last.</param>
    /// <param name="numberOfIterations">The most epochs: passes over the training rows.</param>
    /// <param name="learningRate">The step size, of plain Adam instead of the preset's optimizer and its rates.</param>
    /// <remarks>What is null is chosen by <see cref="Backprop.Training.Preset.Default"/>.</remarks>
    public static MultilayerPerceptronMulticlassTrainer MultilayerPerceptron(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = DefaultColumnNames.Features,
        string? exampleWeightColumnName = null,
        int[]? hiddenUnits = null,
        int? numberOfIterations = null,
        double? learningRate = null)
        => catalog.MultilayerPerceptron(
            Options(labelColumnName, featureColumnName, exampleWeightColumnName, hiddenUnits, numberOfIterations, learningRate));

    /// <summary>A network for many classes, with every option.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">Column names and how to train.</param>
    public static MultilayerPerceptronMulticlassTrainer MultilayerPerceptron(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, MultilayerPerceptronOptions options)
        => new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>A network for a real label, trained with squared error; gives Score, in the label's own units.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="labelColumnName">A Single column.</param>
    /// <param name="featureColumnName">A column of Single vectors of known size.</param>
    /// <param name="exampleWeightColumnName">A Single column of positive weights, or null for weights of 1.</param>
    /// <param name="hiddenUnits">Units of the hidden layers, first to last.</param>
    /// <param name="numberOfIterations">The most epochs: passes over the training rows.</param>
    /// <param name="learningRate">The step size, of plain Adam instead of the preset's optimizer and its rates.</param>
    /// <remarks>What is null is chosen by <see cref="Backprop.Training.Preset.Default"/>.</remarks>
    public static MultilayerPerceptronRegressionTrainer MultilayerPerceptron(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = DefaultColumnNames.Features,
        string? exampleWeightColumnName = null,
        int[]? hiddenUnits = null,
        int? numberOfIterations = null,
        double? learningRate = null)
        => catalog.MultilayerPerceptron(
            Options(labelColumnName, featureColumnName, exampleWeightColumnName, hiddenUnits, numberOfIterations, learningRate));

    /// <summary>A network for a real label, with every option.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">Column names and how to train.</param>
    public static MultilayerPerceptronRegressionTrainer MultilayerPerceptron(
        this RegressionCatalog.RegressionTrainers catalog, MultilayerPerceptronOptions options)
        => new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>One network for several real labels, trained with squared error; gives Score, a vector in the labels' own units.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="labelColumnName">A column of Single vectors of known size, as <c>Concatenate</c> makes it.</param>
    /// <param name="featureColumnName">A column of Single vectors of known size.</param>
    /// <param name="exampleWeightColumnName">A Single column of positive weights, or null for weights of 1.</param>
    /// <param name="hiddenUnits">Units of the hidden layers, first to last.</param>
    /// <param name="numberOfIterations">The most epochs: passes over the training rows.</param>
    /// <param name="learningRate">The step size, of plain Adam instead of the preset's optimizer and its rates.</param>
    /// <remarks>
    /// What is null is chosen by <see cref="Backprop.Training.Preset.Default"/>. Evaluated by
    /// <see cref="MultilayerPerceptronEvaluation.EvaluateMultiOutput"/>.
    /// </remarks>
    public static MultilayerPerceptronMultiOutputTrainer MultilayerPerceptronMultiOutput(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = DefaultColumnNames.Features,
        string? exampleWeightColumnName = null,
        int[]? hiddenUnits = null,
        int? numberOfIterations = null,
        double? learningRate = null)
        => catalog.MultilayerPerceptronMultiOutput(
            Options(labelColumnName, featureColumnName, exampleWeightColumnName, hiddenUnits, numberOfIterations, learningRate));

    /// <summary>One network for several real labels, with every option.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">Column names and how to train.</param>
    public static MultilayerPerceptronMultiOutputTrainer MultilayerPerceptronMultiOutput(
        this RegressionCatalog.RegressionTrainers catalog, MultilayerPerceptronOptions options)
        => new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>
    /// A network for quantiles of a real label, trained with the pinball loss; gives Score (near the median), Quantiles and Interval, in the
    /// label's own units.
    /// </summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="labelColumnName">A Single column.</param>
    /// <param name="featureColumnName">A column of Single vectors of known size.</param>
    /// <param name="exampleWeightColumnName">A Single column of positive weights, or null for weights of 1.</param>
    /// <param name="levels">Two levels at least, each between 0 and 1; 0.05, 0.5 and 0.95 if null.</param>
    /// <param name="hiddenUnits">Units of the hidden layers, first to last.</param>
    /// <param name="numberOfIterations">The most epochs: passes over the training rows.</param>
    /// <param name="learningRate">The step size, of plain Adam instead of the preset's optimizer and its rates.</param>
    /// <remarks>
    /// What is null is chosen by <see cref="Backprop.Training.Preset.Default"/>. Evaluated by
    /// <see cref="MultilayerPerceptronEvaluation.EvaluateQuantiles"/>, and Score by <c>Regression.Evaluate</c>.
    /// </remarks>
    public static MultilayerPerceptronQuantileTrainer MultilayerPerceptronQuantile(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = DefaultColumnNames.Label,
        string featureColumnName = DefaultColumnNames.Features,
        string? exampleWeightColumnName = null,
        double[]? levels = null,
        int[]? hiddenUnits = null,
        int? numberOfIterations = null,
        double? learningRate = null)
    {
        var options = Options(labelColumnName, featureColumnName, exampleWeightColumnName, hiddenUnits, numberOfIterations, learningRate);
        options.Head = levels is null ? null : Head.Quantile(levels);
        return catalog.MultilayerPerceptronQuantile(options);
    }

    /// <summary>A network for quantiles of a real label, with every option; the levels are those of <c>Head.Quantile(...)</c>.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">Column names and how to train.</param>
    public static MultilayerPerceptronQuantileTrainer MultilayerPerceptronQuantile(
        this RegressionCatalog.RegressionTrainers catalog, MultilayerPerceptronOptions options)
        => new(CatalogUtils.GetEnvironment(catalog), options);

    /// <summary>The same model with another threshold: PredictedLabel is true where Probability is above it.</summary>
    /// <param name="catalog">The catalog of binary classification.</param>
    /// <param name="model">What a binary trainer's Fit gave.</param>
    /// <param name="threshold">A probability between 0 and 1.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static MultilayerPerceptronBinaryTransformer ChangeModelThreshold(
        this BinaryClassificationCatalog catalog, MultilayerPerceptronBinaryTransformer model, double threshold)
        => model.With(MultilayerPerceptronOptions.CheckedThreshold(threshold));

    private static MultilayerPerceptronOptions Options(
        string label, string feature, string? exampleWeight, int[]? hiddenUnits, int? numberOfIterations, double? learningRate)
        => new()
        {
            LabelColumnName = label,
            FeatureColumnName = feature,
            ExampleWeightColumnName = exampleWeight,
            HiddenUnits = hiddenUnits,
            NumberOfIterations = numberOfIterations,
            LearningRate = learningRate,
        };
}
