using System.Net;
using System.Net.Http.Json;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;
using Backprop.Interop.Tests.ML;
using Backprop.Serving;

namespace Backprop.Interop.Tests.Serving;

/// <summary>A request that cannot be answered gets a sentence, and the next one its answer.</summary>
public sealed class RequestTests(RequestTests.Fixture served) : IClassFixture<RequestTests.Fixture>
{
    private readonly RunningService service = served.Service;
    private readonly ServedModel model = served.Model;

    [Theory]
    [InlineData("", "no row in JSON")]
    [InlineData("{\"features\": [1, 2, 3", "no row in JSON")]
    [InlineData("[1, 2, 3, 4]", "no row in JSON")]
    [InlineData("{\"features\": [1, 2, \"three\", 4]}", "$.features[2]")]
    [InlineData("{\"features\": [1, 2, null, 4]}", "$.features[2]")]
    [InlineData("null", "has no 'features'")]
    [InlineData("{}", "has no 'features'")]
    [InlineData("{\"features\": null}", "has no 'features'")]
    [InlineData("{\"features\": [1, 2, 3]}", "'features' has 3 numbers; the model takes 4.")]
    [InlineData("{\"features\": [1, 2, 3, 4, 5]}", "'features' has 5 numbers; the model takes 4.")]
    [InlineData("{\"features\": [1, 2, 3, -1e39]}", "'features[3]' is beyond the range of a float")]
    [InlineData("{\"features\": [1, 2, 3, 3e38]}", "too far from what it was trained on")]
    public async Task ABadRowIsRefusedInWords(string body, string sentence)
    {
        Assert.Contains(sentence, await Refused(body, MediaTypeNames.Application.Json, HttpStatusCode.BadRequest));
        Assert.Equal(model.Answers[0], ServedModel.BitsOf(await service.Classify(ServedModel.Rows[0])));
    }

    [Fact]
    public async Task AnotherContentTypeIsRefused()
        => Assert.Contains("application/json", await Refused("features=1", MediaTypeNames.Text.Plain, HttpStatusCode.UnsupportedMediaType));

    [Fact]
    public async Task AnUnknownCharsetIsRefused()
    {
        using var content = new StringContent("{\"features\": [1, 2, 3, 4]}");
        content.Headers.ContentType = new(MediaTypeNames.Application.Json, "foo");
        Assert.Contains("charset 'foo'", await Refused(content, HttpStatusCode.UnsupportedMediaType));
    }

    [Fact]
    public async Task ABodyAboveTheServersLimitIsRefused()
    {
        using var content = new ByteArrayContent(new byte[30_000_001]);
        content.Headers.ContentType = new(MediaTypeNames.Application.Json);
        Assert.Contains("30000000 bytes", await Refused(content, HttpStatusCode.RequestEntityTooLarge));
        Assert.Equal(model.Answers[0], ServedModel.BitsOf(await service.Classify(ServedModel.Rows[0])));
    }

    [Fact]
    public async Task TheModelIsDescribed()
        => Assert.Equal(new(model.Id, Row.FeatureCount), await service.Client.GetFromJsonAsync<ModelDescription>("/model"));

    private async Task<string> Refused(string body, string contentType, HttpStatusCode status)
    {
        using var content = new StringContent(body, Encoding.UTF8, contentType);
        return await Refused(content, status);
    }

    private async Task<string> Refused(HttpContent content, HttpStatusCode status)
    {
        // The body is sent after the service has agreed to read it: a refusal does not cut it short.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/classify") { Content = content, Headers = { ExpectContinue = true } };
        using var response = await service.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
        return JsonNode.Parse(text)!["detail"]!.GetValue<string>();
    }

    public sealed class Fixture : IAsyncLifetime
    {
        private readonly string folder = Directory.CreateTempSubdirectory("backprop-serving-").FullName;

        internal ServedModel Model { get; } = new(seed: 1);

        internal RunningService Service { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var path = Path.Combine(folder, "model.zip");
            ServedModel.Replace(path, Model.Bytes);
            Service = await RunningService.Start(path);
        }

        public async Task DisposeAsync()
        {
            await Service.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
