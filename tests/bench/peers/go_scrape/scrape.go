// The peer in Go that is scraped: serves as many series as the exporter would, with client_golang.
//
//	scrape SERIES
//
// Prints its port, and ends with its input.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	samplesOfAQueue    = 50
	queuesOfAnAccount  = 200
	help               = "As in the catalogue, of about this length."
	newestInSeconds    = 1.79e9
	millisecondsToSecs = 1000
)

var (
	codes  = []string{"ok", "warning", "error", "cancelled", "abandoned", "timedout", "unknown"}
	states = []string{"enqueued", "assigned", "started", "paused"}

	durationBounds = []float64{5, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400,
		172800}
	waitBounds = []float64{1, 5, 15, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400}

	completed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "acronis_tasks_completed_total", Help: help},
		[]string{"account", "queue", "state", "result_code"})
	lastCompletion = gauge("acronis_tasks_last_completion_timestamp_seconds", "result_code")
	lastSuccess    = gauge("acronis_tasks_last_success_timestamp_seconds")
	inFlight       = gauge("acronis_tasks_in_flight", "state")
	duration       = histogram("acronis_task_duration_seconds", durationBounds)
	queueWait      = histogram("acronis_task_queue_wait_seconds", waitBounds)
)

func gauge(name string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help},
		append([]string{"account", "queue"}, labels...))
}

func histogram(name string, bounds []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help,
		Buckets: bounds}, []string{"account", "queue"})
}

// A number for each position of each queue, so that no two lines are alike.
func someCount(queue, position int) float64 {
	return float64((queue*7919 + position*104729) % 1000003)
}

func observe(histogram prometheus.Observer, bounds []float64, number int) {
	for i, bound := range bounds {
		for n := 0; n < int(someCount(number, i))%10; n++ {
			histogram.Observe(bound)
		}
	}
}

func addQueue(number int) {
	account := fmt.Sprintf("account-%d", 10+number/queuesOfAnAccount)
	queue := fmt.Sprintf("queue-%d", 10000+number)
	for i, code := range codes {
		completed.WithLabelValues(account, queue, "completed", code).Add(someCount(number, i))
		lastCompletion.WithLabelValues(account, queue, code).Set(
			newestInSeconds + someCount(number, i)/millisecondsToSecs)
	}
	for _, state := range states {
		inFlight.WithLabelValues(account, queue, state).Set(0)
	}
	lastSuccess.WithLabelValues(account, queue).Set(newestInSeconds)
	observe(duration.WithLabelValues(account, queue), durationBounds, number)
	observe(queueWait.WithLabelValues(account, queue), waitBounds, number)
}

func main() {
	series, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(completed, lastCompletion, lastSuccess, inFlight, duration, queueWait)
	for i := 0; i < series/samplesOfAQueue; i++ {
		addQueue(i)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	go func() { log.Fatal(http.Serve(listener, nil)) }()
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		fmt.Println("changed 1")
	}
}
