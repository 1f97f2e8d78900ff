using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Multilayer perceptrons in ML.NET's catalogs of trainers.</summary>
/// <remarks>Features should be normalised, for example with <c>NormalizeMeanVariance</c>; regression labels are standardised inside.</remarks>
public static class MultilayerPerceptronCatalog
{
    /// <summary>A network for two classes, trained with binary cross-entropy; gives Score (the logit), Probability and PredictedLabel.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.BinaryClassification</c>.</param>
    /// <param name="labelColumnName">A Boolean column.</param>
    /// <param name="featureColumnName">A column of Single vectors of known size.</param>
    /// <param name="exampleWeightColumnName">A Single column of positive weights, or null for weights of 1.</param>
    /// <param name="hiddenUnits">Units of the hidden layers, first to last.</param>
    /// <param name="numberOfIterations">The most epochs: passes over the training rows.</param>
    /// <param name="learningRate">The step size.</param>
    /// <remarks>What is null keeps the default of <see cref="MultilayerPerceptronOptions"/>.</remarks>
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
    /// <param name="learningRate">The step size.</param>
    /// <remarks>What is null keeps the default of <see cref="MultilayerPerceptronOptions"/>.</remarks>
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
    /// <param name="learningRate">The step size.</param>
    /// <remarks>What is null keeps the default of <see cref="MultilayerPerceptronOptions"/>.</remarks>
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

    private static MultilayerPerceptronOptions Options(
        string label, string feature, string? exampleWeight, int[]? hiddenUnits, int? numberOfIterations, double? learningRate)
    {
        var defaults = new MultilayerPerceptronOptions();
        return new()
        {
            LabelColumnName = label,
            FeatureColumnName = feature,
            ExampleWeightColumnName = exampleWeight,
            HiddenUnits = hiddenUnits ?? defaults.HiddenUnits,
            NumberOfIterations = numberOfIterations ?? defaults.NumberOfIterations,
            LearningRate = learningRate,
        };
    }
}
