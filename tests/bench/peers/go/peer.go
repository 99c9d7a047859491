// The peer in Go: reads the completed tasks of one account as a competent user would write it.
//
//	peer URL CA STORE
//
// net/http, encoding/json, database/sql and client_golang; each id counts once, a page is one
// durable transaction. Prints what it counted and its peak of memory.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
	"github.com/prometheus/client_golang/prometheus"
)

const pageSize = "500"

var (
	completed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tasks_completed_total", Help: "Completed tasks."}, []string{"queue", "result"})
	duration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "task_duration_seconds", Help: "Start to completion.",
		Buckets: []float64{5, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400,
			172800}}, []string{"queue"})
	queueWait = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "task_queue_wait_seconds", Help: "Enqueue to start.",
		Buckets: []float64{1, 5, 15, 60, 300, 900, 1800, 3600, 10800, 21600, 43200,
			86400}}, []string{"queue"})
)

type task struct {
	ID          int64      `json:"id"`
	Queue       string     `json:"queue"`
	EnqueuedAt  *time.Time `json:"enqueuedAt"`
	StartedAt   *time.Time `json:"startedAt"`
	CompletedAt time.Time  `json:"completedAt"`
	Result      struct {
		Code string `json:"code"`
	} `json:"result"`
}

type page struct {
	Items  []task `json:"items"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
	} `json:"paging"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The ids that were counted and the cursor, in SQLite.
type store struct {
	db            *sql.DB
	insert, after *sql.Stmt
}

func openStore(path string) *store {
	db, err := sql.Open("sqlite3", path+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	must(err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY);
		CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY, after TEXT)`)
	must(err)
	insert, err := db.Prepare("INSERT OR IGNORE INTO seen VALUES (?)")
	must(err)
	after, err := db.Prepare("INSERT OR REPLACE INTO cursor VALUES (1, ?)")
	must(err)
	return &store{db, insert, after}
}

// Remembers a page. Returns the tasks that are new.
func (s *store) add(tasks []task, after string) []*task {
	tx, err := s.db.Begin()
	must(err)
	insert := tx.Stmt(s.insert)
	var added []*task
	for i := range tasks {
		result, err := insert.Exec(tasks[i].ID)
		must(err)
		if rows, _ := result.RowsAffected(); rows > 0 {
			added = append(added, &tasks[i])
		}
	}
	_, err = tx.Stmt(s.after).Exec(after)
	must(err)
	must(tx.Commit())
	return added
}

func count(t *task) {
	completed.WithLabelValues(t.Queue, t.Result.Code).Inc()
	if t.StartedAt == nil {
		return
	}
	if ran := t.CompletedAt.Sub(*t.StartedAt); ran >= 0 {
		duration.WithLabelValues(t.Queue).Observe(ran.Seconds())
	}
	if t.EnqueuedAt != nil {
		waited := t.StartedAt.Sub(*t.EnqueuedAt)
		if waited < 0 {
			waited = 0
		}
		queueWait.WithLabelValues(t.Queue).Observe(waited.Seconds())
	}
}

type client struct {
	http  *http.Client
	base  string
	token string
}

func connect(base, ca string) *client {
	pem, err := os.ReadFile(ca)
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c := &client{base: base, http: &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true}}}
	request, err := http.NewRequest("POST", base+"/api/2/idp/token",
		strings.NewReader("grant_type=client_credentials"))
	must(err)
	request.SetBasicAuth("bench", "nobody-looks")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	c.do(request, &reply)
	c.token = reply.AccessToken
	return c
}

func (c *client) do(request *http.Request, into interface{}) {
	response, err := c.http.Do(request)
	must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}
	must(json.NewDecoder(response.Body).Decode(into))
}

func (c *client) get(parameters url.Values) *page {
	request, err := http.NewRequest("GET",
		c.base+"/api/task_manager/v2/tasks?"+parameters.Encode(), nil)
	must(err)
	request.Header.Set("Authorization", "Bearer "+c.token)
	var p page
	c.do(request, &p)
	return &p
}

func read(c *client, s *store) {
	c.get(url.Values{"state": {"enqueued", "assigned", "started", "paused"}, "limit": {pageSize}})
	p := c.get(url.Values{"state": {"completed"}, "order": {"asc(completedAt)"},
		"limit": {pageSize}})
	for {
		after := p.Paging.Cursors.After
		for _, t := range s.add(p.Items, after) {
			count(t)
		}
		if after == "" {
			return
		}
		p = c.get(url.Values{"limit": {pageSize}, "after": {after}})
	}
}

func report(registry *prometheus.Registry) {
	families, err := registry.Gather()
	must(err)
	observed := map[string]uint64{}
	for _, family := range families {
		for _, metric := range family.Metric {
			if counter := metric.Counter; counter != nil {
				fmt.Printf("tasks:%s:%s %d\n", metric.Label[0].GetValue(),
					metric.Label[1].GetValue(), int64(counter.GetValue()))
			} else {
				observed[family.GetName()] += metric.Histogram.GetSampleCount()
			}
		}
	}
	fmt.Printf("durations: %d\n", observed["task_duration_seconds"])
	fmt.Printf("queue_waits: %d\n", observed["task_queue_wait_seconds"])
	status, err := os.Open("/proc/self/status")
	must(err)
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == "VmHWM:" {
			kibibytes, _ := strconv.ParseInt(words[1], 10, 64)
			fmt.Printf("peak_bytes %d\n", kibibytes*1024)
		}
	}
}

func main() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(completed, duration, queueWait)
	read(connect(os.Args[1], os.Args[2]), openStore(os.Args[3]))
	report(registry)
}
