using System.Net;
using System.Net.Http.Json;
using System.Threading.Channels;
using Backprop.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Backprop.Interop.Tests.Serving;

/// <summary>The service on a port of its own, with what it logs.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    // No wait here ends by time: this is how long a test that is going to fail hangs before it does.
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Journal journal = new();
    private readonly WebApplication service;

    private RunningService(string modelPath) => service = ClassifierService.Create(["--model", modelPath], builder =>
    {
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(journal);
    });

    internal HttpClient Client { get; } = new();

    internal static async Task<RunningService> Start(string modelPath)
    {
        var running = new RunningService(modelPath);
        await running.service.StartAsync();
        running.Client.BaseAddress = new(running.service.Urls.Single());
        await running.NextLine();
        return running;
    }

    /// <summary>The next line the service's own code logs, waited for.</summary>
    internal Task<string> NextLine() => journal.Lines.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>Whether a line was logged that was not yet read.</summary>
    internal bool HasLine => journal.Lines.Reader.TryPeek(out _);

    /// <summary>What the service says of a row; an answer that is not 200 fails the test.</summary>
    internal async Task<Classification> Classify(float[] features)
    {
        using var response = await Client.PostAsJsonAsync("/classify", new ClassificationRequest(features));
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync<Classification>())!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await service.DisposeAsync();
    }

    private sealed class Journal : ILoggerProvider, ILogger
    {
        internal Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();

        public ILogger CreateLogger(string categoryName)
            => categoryName.StartsWith(nameof(Backprop), StringComparison.Ordinal) ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format)
            => Assert.True(Lines.Writer.TryWrite($"{level}: {format(state, exception)}{exception}"));

        public bool IsEnabled(LogLevel level) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public void Dispose()
        {
        }
    }
}
